-- export: rows that were written as CSV inside the engine's folder, as Parquet beside it.

-- @name parquet
-- The first column of the CSV file is the row's number. An empty field is a null, "" an empty text.
COPY (
    SELECT {values}
    FROM read_csv('{from}', auto_detect = false, header = true, columns = {columns}, delim = ',', quote = '"',
                  escape = '"', nullstr = '', allow_quoted_nulls = false, strict_mode = true, parallel = false,
                  max_line_size = 67108864, buffer_size = 134217728)
    ORDER BY RowNumber
) TO '{to}' (FORMAT parquet, COMPRESSION zstd)
