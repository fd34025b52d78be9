/** A list of runs that the benchmark asks for. */
export interface List {
	readonly name: string;
	readonly by: string;
	/** The second field of the order. */
	readonly and?: string;
	readonly where: string | null;
	/** How many runs pass, where it is fewer than a page. */
	readonly few?: number;
	/** The search ends at its bound, which 10,000 runs do not reach: the page of a million is partial, or one of more looks or more runs. */
	readonly bounded?: true;
}
export const LISTS: readonly List[] = [
	{ name: 'newest first', by: 'queuedAt', where: null },
	{ name: 'by a config key', by: 'config.lr', where: null },
	{ name: 'by a config key of 5 values', by: 'config.batchSize', where: null },
	{ name: 'by a metric', by: 'metric.accuracy.best', where: null },
	{ name: 'by tag', by: 'tag', where: null },
	{ name: 'by end', by: 'finishedAt', where: null },
	{
		name: 'by a config key of 5 values, then by a metric',
		by: 'config.batchSize',
		and: 'metric.accuracy.best',
		where: null,
	},
	{
		name: 'by a metric, a config value and a tag wanted',
		by: 'metric.accuracy.best',
		where: 'config.batchSize = 32 and tag = "keep"',
	},
	{ name: 'newest first, a metric wanted', by: 'queuedAt', where: 'metric.accuracy.best > 0.5' },
	{
		name: 'newest first, a tag and a metric wanted',
		by: 'queuedAt',
		where: 'tag = "keep" and metric.accuracy.best > 0.5',
	},
	{
		name: 'by a config key, another and a metric wanted',
		by: 'config.lr',
		where: 'config.batchSize in (8, 16) and metric.accuracy.best < 0.2',
	},
	{ name: 'newest first, a thousandth wanted', by: 'queuedAt', where: 'config.lr < 0.001', bounded: true },
	{ name: 'newest first, one in 140 wanted', by: 'queuedAt', where: 'config.lr < 0.00714', bounded: true },
	{ name: 'by a metric, one in 140 wanted', by: 'metric.accuracy.best', where: 'config.lr < 0.00714', bounded: true },
	{ name: 'by a metric, nothing passes', by: 'metric.accuracy.best', where: 'config.lr > 2', few: 0 },
	{ name: 'newest first, the oldest alone passes', by: 'queuedAt', where: 'name = "run 0"', few: 1 },
	{
		name: 'newest first, three halves that have nothing in common',
		by: 'queuedAt',
		where: 'config.lr < 0.5 and metric.accuracy.best > 0.5 and config.half = true',
		few: 0,
		bounded: true,
	},
	{
		name: 'by a config key, three halves that have nothing in common',
		by: 'config.lr',
		where: 'config.lr > 0.5 and metric.accuracy.best > 0.5 and config.half != true',
		few: 0,
		bounded: true,
	},
	{ name: 'by a config key, a value unwanted', by: 'config.lr', where: 'config.batchSize != 32' },
	{ name: 'newest first, not a tag', by: 'queuedAt', where: 'not tag = "keep"' },
	{ name: 'newest first, one status unwanted, nothing passes', by: 'queuedAt', where: 'status != "SUCCEEDED"', few: 0 },
	{
		name: 'newest first, none of all values, nothing passes',
		by: 'queuedAt',
		where: 'not config.batchSize in (8, 16, 32, 64, 128)',
		few: 0,
		bounded: true,
	},
	{
		name: 'by end, none of all values, nothing passes',
		by: 'finishedAt',
		where: 'not config.batchSize in (8, 16, 32, 64, 128)',
		few: 0,
		bounded: true,
	},
	{ name: 'by a metric, ended before an instant', by: 'metric.accuracy.best', where: 'finishedAt < "2100-01-01"' },
	{
		name: 'by a metric, queued before the first',
		by: 'metric.accuracy.best',
		where: 'queuedAt < "2020-01-01"',
		few: 0,
	},
	{ name: 'by a metric, without an end', by: 'metric.accuracy.best', where: 'finishedAt = null', few: 0 },
	{ name: 'by a metric below a bound', by: 'metric.accuracy.best', where: 'metric.accuracy.best < 0.5' },
];
/** Lists that are counted. */
export const COUNTS: readonly List[] = [
	{ name: 'count up to 10,000, a metric wanted', by: '', where: 'metric.accuracy.best > 0.5', bounded: true },
	{
		name: 'count up to 10,000, a config value and a tag wanted',
		by: '',
		where: 'config.batchSize = 32 and tag = "keep"',
		bounded: true,
	},
	{ name: 'count up to 10,000, all but a tag', by: '', where: 'tag != "keep"', bounded: true },
];
