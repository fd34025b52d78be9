import { hostname } from 'node:os';
import path from 'node:path';
import { parseLabels } from '@graft/domain/worker';
import { parseEnv, z } from '@graft/runtime/env';
import type { RemoteAccess } from '@graft/training/dataset';

/** `gpu=a100,room=2`. */
function labelsOf(text: string | undefined, context: z.RefinementCtx): Readonly<Record<string, string>> {
	const pairs = (text ?? '').split(',').filter((pair) => pair.trim() !== '');
	const parsed = parseLabels(
		Object.fromEntries(pairs.map((pair) => pair.split('=', 2).map((part) => part.trim()))),
		'',
	);
	if (parsed.kind === 'Labels') return parsed.labels;
	context.addIssue(`expected labels such as gpu=a100,room=2. ${parsed.refusal.message}`);
	return z.NEVER;
}

const schema = z.object({
	GRAFT_API_URL: z
		.url({ protocol: /^https?$/, error: 'an address such as http://127.0.0.1:4620' })
		.default('http://127.0.0.1:4620'),
	GRAFT_WORKER_NAME: z.string().max(200).optional(),
	GRAFT_WORKER_LABELS: z.string().optional().transform(labelsOf),
	GRAFT_BACKEND: z.enum(['auto', 'tensorflow-gpu', 'webgpu', 'tensorflow', 'wasm', 'cpu']).default('auto'),
	GRAFT_DATA_DIR: z.string().default('.graft'),
	GRAFT_CACHE_BYTES: z.coerce
		.number({ error: 'a number of bytes such as 4294967296; 0: no feature cache' })
		.int()
		.min(0)
		.default(4 * 1024 ** 3),
	GRAFT_SLOTS: z.coerce.number({ error: 'a number of runs such as 2' }).int().min(1).max(64).default(1),
	GRAFT_CHECKPOINT_STEPS: z.coerce.number({ error: 'a number of steps such as 1000' }).int().min(1).default(1_000),
	GRAFT_CHECKPOINT_SECONDS: z.coerce.number({ error: 'a number of seconds such as 60' }).positive().default(60),
	HF_ENDPOINT: z.url({ protocol: /^https?$/ }).default('https://huggingface.co'),
	HF_TOKEN: z.string().optional(),
	GRAFT_KERAS_URL: z
		.url({ protocol: /^https?$/ })
		.default('https://storage.googleapis.com/tensorflow/keras-applications'),
	HTTP_PROXY: z.string().optional(),
	http_proxy: z.string().optional(),
	HTTPS_PROXY: z.string().optional(),
	https_proxy: z.string().optional(),
	NO_PROXY: z.string().optional(),
	no_proxy: z.string().optional(),
	GRAFT_DATA_CACHE_BYTES: z.coerce
		.number({ error: 'a number of bytes such as 21474836480' })
		.int()
		.min(0)
		.default(20 * 1024 ** 3),
	GRAFT_DATA_THREADS: z.coerce.number({ error: 'a number of threads, from 0' }).int().min(0).max(64).optional(),
	AWS_ACCESS_KEY_ID: z.string().optional(),
	AWS_SECRET_ACCESS_KEY: z.string().optional(),
	AWS_SESSION_TOKEN: z.string().optional(),
	AWS_REGION: z.string().default('us-east-1'),
	AWS_ENDPOINT_URL_S3: z.url({ protocol: /^https?$/ }).optional(),
	GRAFT_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export interface TrainerEnv {
	readonly apiUrl: string;
	readonly workerName: string;
	/** What runs may ask for, beside what the trainer says of its machine. */
	readonly labels: Readonly<Record<string, string>>;
	readonly backend: 'auto' | 'tensorflow-gpu' | 'webgpu' | 'tensorflow' | 'wasm' | 'cpu';
	readonly dataDir: string;
	/** Most bytes of kept activations; 0: none are kept. */
	readonly cacheBytes: number;
	/** Runs at once; more than one: each in a process of its own. */
	readonly slots: number;
	/** A checkpoint is taken after so many steps or seconds, whichever comes first, and at the end of each phase. */
	readonly checkpointPace: { readonly everySteps: number; readonly everyMs: number };
	/** Where published weights come from, and by what way. */
	readonly sources: {
		readonly hubUrl: string;
		readonly hubToken: string | undefined;
		readonly kerasUrl: string;
		readonly proxies: Readonly<Record<'httpProxy' | 'httpsProxy' | 'noProxy', string | undefined>>;
	};
	/** Where S3 is, and as whom it is asked. */
	readonly s3: Omit<RemoteAccess, 'fetch'>;
	/** Most bytes of fetched data. */
	readonly dataCacheBytes: number;
	/** Threads that decode images beside training; null: as many as the machine can spare. */
	readonly dataThreads: number | null;
	readonly logLevel: string;
}

/** @throws EnvironmentError naming each variable that is wrong. */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): TrainerEnv {
	const env = parseEnv(schema, source);
	return {
		apiUrl: env.GRAFT_API_URL,
		workerName: env.GRAFT_WORKER_NAME ?? `${hostname()}-${process.pid}`,
		labels: env.GRAFT_WORKER_LABELS,
		backend: env.GRAFT_BACKEND,
		dataDir: path.resolve(env.GRAFT_DATA_DIR),
		cacheBytes: env.GRAFT_CACHE_BYTES,
		slots: env.GRAFT_SLOTS,
		checkpointPace: { everySteps: env.GRAFT_CHECKPOINT_STEPS, everyMs: env.GRAFT_CHECKPOINT_SECONDS * 1000 },
		sources: {
			hubUrl: env.HF_ENDPOINT.replace(/\/+$/, ''),
			hubToken: env.HF_TOKEN || undefined,
			kerasUrl: env.GRAFT_KERAS_URL.replace(/\/+$/, ''),
			proxies: {
				httpProxy: env.http_proxy ?? env.HTTP_PROXY,
				httpsProxy: env.https_proxy ?? env.HTTPS_PROXY,
				noProxy: env.no_proxy ?? env.NO_PROXY,
			},
		},
		s3: {
			region: env.AWS_REGION,
			endpoint: env.AWS_ENDPOINT_URL_S3 ?? null,
			s3:
				env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY
					? {
							accessKeyId: env.AWS_ACCESS_KEY_ID,
							secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
							sessionToken: env.AWS_SESSION_TOKEN,
						}
					: null,
		},
		dataCacheBytes: env.GRAFT_DATA_CACHE_BYTES,
		dataThreads: env.GRAFT_DATA_THREADS ?? null,
		logLevel: env.GRAFT_LOG_LEVEL,
	};
}

/** TensorFlow's C++ tells stderr what it finds at each start, beside and unlike our log; errors still come through. */
export function quietTensorFlow(): void {
	process.env.TF_CPP_MIN_LOG_LEVEL ??= '2';
}

/**
 * What the process of a slot gets: the trainer's own environment, the back end that it has chosen, and of a GPU's memory no
 * more than its run needs, for the others share it.
 */
export function seatEnv(backend: string): NodeJS.ProcessEnv {
	return { TF_FORCE_GPU_ALLOW_GROWTH: 'true', ...process.env, GRAFT_BACKEND: backend, GRAFT_SLOTS: '1' };
}
