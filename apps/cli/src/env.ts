import { parseEnv, z } from '@graft/runtime/env';

const port = z.coerce.number('a port, 1 to 65535').int().min(1).max(65_535);
const schema = z.object({
	GRAFT_API_URL: z.string().optional(),
	GRAFT_DATA_DIR: z.string().optional(),
	GRAFT_PORT: port.default(4620),
	GRAFT_DASHBOARD_PORT: port.optional(),
	DATABASE_URL: z.string().optional(),
});

export interface CliEnv {
	readonly apiUrl: string | undefined;
	readonly dataDir: string | undefined;
	readonly port: number;
	readonly dashboardPort: number | undefined;
	readonly hasDatabaseUrl: boolean;
}

/** @throws EnvironmentError naming each variable that is wrong. */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): CliEnv {
	const env = parseEnv(schema, source);
	return {
		apiUrl: env.GRAFT_API_URL,
		dataDir: env.GRAFT_DATA_DIR,
		port: env.GRAFT_PORT,
		dashboardPort: env.GRAFT_DASHBOARD_PORT,
		hasDatabaseUrl: env.DATABASE_URL !== undefined,
	};
}

/** What a child process gets: our own environment and what is special to it. */
export function childEnv(special: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
	return { ...process.env, ...special };
}
