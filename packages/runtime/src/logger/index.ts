import { type Logger, pino } from 'pino';

export type { Logger };

/**
 * One JSON line an event on stderr, so that stdout stays free for a command's own output.
 * Names of fields that hold secrets are blanked.
 */
export function createLogger(name: string, level = 'info'): Logger {
	return pino(
		{
			name,
			level,
			redact: {
				paths: ['token', '*.token', 'password', '*.password', 'authorization', '*.authorization'],
				censor: '***',
			},
		},
		pino.destination({ dest: 2, sync: true }),
	);
}
