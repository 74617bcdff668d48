-- Which tags have a daily cube in a segment: the hot tags at the time of its load, as a JSON array of
-- keys; the i-th is cube 100 + i. Segments that were loaded before are not known to have any.
ALTER TABLE segment ADD COLUMN cube_tags TEXT COLLATE "C" NOT NULL DEFAULT '[]';

-- Does segment_value list its values? Not before.
ALTER TABLE segment ADD COLUMN has_values BIGINT NOT NULL DEFAULT 0;
