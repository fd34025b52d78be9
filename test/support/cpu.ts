import { readdirSync, readFileSync } from 'node:fs';

/** The unit of /proc/<pid>/stat: USER_HZ is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

interface Stat {
	readonly pid: number;
	readonly parent: number;
	readonly seconds: number;
}

/** Seconds of processor time that a process and its living children have used so far. Linux only. */
export function cpuSeconds(pid: number): number {
	const all = allStats();
	const below = (parent: number): number =>
		all.filter((stat) => stat.parent === parent).reduce((sum, stat) => sum + stat.seconds + below(stat.pid), 0);
	return (all.find((stat) => stat.pid === pid)?.seconds ?? 0) + below(pid);
}

function statOf(pid: number): Stat | null {
	try {
		const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
		// The name may hold spaces and brackets; what follows its last bracket does not.
		const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
		const [parent, user, system, waitedUser, waitedSystem] = [1, 11, 12, 13, 14].map((at) => Number(fields[at]));
		if (parent === undefined) return null;
		const ticks = (user ?? 0) + (system ?? 0) + (waitedUser ?? 0) + (waitedSystem ?? 0);
		return { pid, parent, seconds: ticks / TICKS_PER_SECOND };
	} catch {
		return null;
	}
}

/** Living children of a process, and theirs. Linux only. */
export function descendants(pid: number): number[] {
	const all = allStats();
	const below = (parent: number): number[] =>
		all.filter((stat) => stat.parent === parent).flatMap((stat) => [stat.pid, ...below(stat.pid)]);
	return below(pid);
}

const allStats = (): Stat[] =>
	readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? (statOf(Number(name)) ?? []) : []));
