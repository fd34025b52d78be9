import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The cells of a chunk at any number of levels, in one value of which a query reads the level that it needs. What was
 * stored with two levels stays as it is, in the new columns.
 */
export class MetricPyramid1795528800000 implements MigrationInterface {
	async up(runner: QueryRunner): Promise<void> {
		await runner.query(UP);
	}

	async down(runner: QueryRunner): Promise<void> {
		await runner.query(DOWN);
	}
}

const UP = `
	ALTER TABLE metric_chunk
		ADD COLUMN levels smallint[], ADD COLUMN level_ends integer[], ADD COLUMN cells bytea,
		-- Not compressed, so that a part of the value is read without the rest.
		ALTER COLUMN cells SET STORAGE EXTERNAL;
	UPDATE metric_chunk SET levels = ARRAY[fine_level, coarse_level],
		level_ends = ARRAY[length(fine_cells), length(fine_cells) + length(coarse_cells)], cells = fine_cells || coarse_cells
	WHERE coarse_level IS NOT NULL;
	ALTER TABLE metric_chunk
		DROP COLUMN fine_level, DROP COLUMN coarse_level, DROP COLUMN fine_cells, DROP COLUMN coarse_cells;
`;

const DOWN = `
	ALTER TABLE metric_chunk
		ADD COLUMN fine_level smallint, ADD COLUMN coarse_level smallint, ADD COLUMN fine_cells bytea, ADD COLUMN coarse_cells bytea,
		ALTER COLUMN fine_cells SET STORAGE EXTERNAL, ALTER COLUMN coarse_cells SET STORAGE EXTERNAL;
	UPDATE metric_chunk SET fine_level = levels[1], coarse_level = levels[cardinality(levels)],
		fine_cells = substring(cells FOR level_ends[1]),
		coarse_cells = substring(cells FROM coalesce(level_ends[cardinality(levels) - 1], 0) + 1)
	WHERE cardinality(levels) > 0;
	ALTER TABLE metric_chunk DROP COLUMN levels, DROP COLUMN level_ends, DROP COLUMN cells;
`;
