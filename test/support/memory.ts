import { readFileSync } from 'node:fs';

/** Memory of a process that is really there, in megabytes. Linux only. */
export function residentMegabytes(pid: number): number {
	const [, kilobytes] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/) ?? [];
	return Number(kilobytes) / 1024;
}
