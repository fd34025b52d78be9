import path from 'node:path';
import type { S3Bucket } from '@graft/engine';
import { EnvironmentError, parseEnv, z } from '@graft/runtime/env';

const origin = z.url({ protocol: /^https?$/, error: 'expected an origin such as http://localhost:4621' });

const schema = z.object({
	GRAFT_HOST: z.string().default('127.0.0.1'),
	GRAFT_PORT: z.coerce
		.number({ error: 'expected a port, 0 to 65535 (0: any free one)' })
		.int()
		.min(0)
		.max(65_535)
		.default(4620),
	// The value is never repeated in a message: it holds a password.
	DATABASE_URL: z
		.string()
		.refine((text) => URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol), {
			error: 'expected an address such as postgres://user:password@host:5432/database',
		})
		.optional(),
	GRAFT_REDIS_URL: z
		.string()
		.refine((text) => URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol), {
			error: 'expected an address such as redis://user:password@host:6379',
		})
		.optional(),
	GRAFT_DATA_DIR: z.string().default('.graft'),
	GRAFT_PUBLIC_URL: z
		.url({ protocol: /^https?$/, error: 'expected an address such as https://graft.example.com' })
		.optional(),
	GRAFT_DASHBOARD_ORIGINS: z
		.string()
		.default('http://127.0.0.1:4621,http://localhost:4621')
		.transform((text) =>
			text
				.split(',')
				.map((item) => item.trim().replace(/\/$/, ''))
				.filter(Boolean),
		)
		.pipe(z.array(origin)),
	GRAFT_TRASH_DAYS: z.coerce.number({ error: 'expected a number of days' }).min(0).default(7),
	GRAFT_ORPHAN_SECONDS: z.coerce.number({ error: 'expected a number of seconds' }).min(1).default(3600),
	GRAFT_S3_BUCKET: z.string().optional(),
	GRAFT_S3_PREFIX: z
		.string()
		.regex(/^[\w.-]+(\/[\w.-]+)*\/?$/, { error: 'expected the beginning of keys such as graft or team/graft' })
		.optional(),
	GRAFT_S3_ENDPOINT: z
		.url({ protocol: /^https?$/, error: 'expected an address such as https://s3.example.com' })
		.optional(),
	GRAFT_S3_PATH_STYLE: z.enum(['true', 'false'], { error: 'expected true or false' }).optional(),
	AWS_ENDPOINT_URL_S3: z.url({ protocol: /^https?$/, error: 'expected an address' }).optional(),
	AWS_REGION: z.string().default('us-east-1'),
	AWS_ACCESS_KEY_ID: z.string().optional(),
	AWS_SECRET_ACCESS_KEY: z.string().optional(),
	AWS_SESSION_TOKEN: z.string().optional(),
	GRAFT_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
});

export interface ApiEnv {
	readonly host: string;
	readonly port: number;
	/** Null: start the PostgreSQL that came with npm, in `dataDir`. */
	readonly databaseUrl: string | null;
	/** Null: PostgreSQL carries the news between API processes. */
	readonly redisUrl: string | null;
	readonly dataDir: string;
	readonly publicUrl: string | null;
	readonly dashboardOrigins: readonly string[];
	/** How long a deleted run can be restored. */
	readonly trashDays: number;
	/** How long uploaded bytes may wait for the run that commits them. */
	readonly orphanSeconds: number;
	/** Where artifacts lie; null: below `dataDir`. */
	readonly s3: S3Bucket | null;
	readonly logLevel: string;
}

/** @throws EnvironmentError naming each variable that is wrong. */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): ApiEnv {
	const env = parseEnv(schema, source);
	return {
		host: env.GRAFT_HOST,
		port: env.GRAFT_PORT,
		databaseUrl: env.DATABASE_URL ?? null,
		redisUrl: env.GRAFT_REDIS_URL ?? null,
		dataDir: path.resolve(env.GRAFT_DATA_DIR),
		publicUrl: env.GRAFT_PUBLIC_URL ?? null,
		dashboardOrigins: env.GRAFT_DASHBOARD_ORIGINS,
		trashDays: env.GRAFT_TRASH_DAYS,
		orphanSeconds: env.GRAFT_ORPHAN_SECONDS,
		s3: s3Of(env),
		logLevel: env.GRAFT_LOG_LEVEL,
	};
}

/** @throws EnvironmentError where a bucket is named and nobody to ask it as. */
function s3Of(env: z.infer<typeof schema>): S3Bucket | null {
	if (env.GRAFT_S3_BUCKET === undefined) return null;
	const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
	if (accessKeyId === undefined || secretAccessKey === undefined)
		throw new EnvironmentError('GRAFT_S3_BUCKET is set: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY too.');
	const endpoint = env.GRAFT_S3_ENDPOINT ?? env.AWS_ENDPOINT_URL_S3 ?? null;
	const pathStyle = env.GRAFT_S3_PATH_STYLE;
	return {
		bucket: env.GRAFT_S3_BUCKET,
		prefix: env.GRAFT_S3_PREFIX === undefined ? '' : `${env.GRAFT_S3_PREFIX.replace(/\/$/, '')}/`,
		region: env.AWS_REGION,
		endpoint,
		// Amazon wants the bucket in the host's name, nearly everybody else has it in the path.
		pathStyle: pathStyle === undefined ? endpoint !== null : pathStyle === 'true',
		account: { accessKeyId, secretAccessKey, sessionToken: env.AWS_SESSION_TOKEN },
	};
}
