-- archive: past segments as Parquet beside the engine's file (src/ledger/archive.h).

-- @name charges
-- As they are stored, in the order in which they are.
COPY (SELECT * FROM {table} ORDER BY rowid) TO '{path}' (FORMAT parquet, COMPRESSION zstd)

-- @name side
COPY (
    SELECT Segment, Record, Part, Columns, Delivery FROM side WHERE Segment = {segment}
    ORDER BY Delivery, Record, Part
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)

-- @name table
-- What stands in a segment's place: rowid is the place in the file, as it was in the table.
(SELECT * EXCLUDE (file_row_number), file_row_number AS rowid
FROM read_parquet('{path}', file_row_number = true, hive_partitioning = false))

-- @name table_side
-- And in the place of the shared table, for its rows.
(SELECT * FROM read_parquet('{path}', hive_partitioning = false))
