import path from 'node:path';

/** Root of the checkout: the CLI starts the other apps from there. */
export const ROOT = path.resolve(import.meta.dirname, '../../../..');

export const PROGRAMS = {
	api: path.join(ROOT, 'apps/api/dist/main.js'),
	trainer: path.join(ROOT, 'apps/trainer/dist/main.js'),
	dashboard: path.join(ROOT, 'apps/dashboard/.next/standalone/apps/dashboard/server.js'),
	leaveWithParent: path.join(ROOT, 'apps/cli/bin/leave-with-parent.mjs'),
} as const;

/** One platform a checkout, unless told otherwise. */
export const defaultDataDir = (): string => path.join(ROOT, '.graft');
