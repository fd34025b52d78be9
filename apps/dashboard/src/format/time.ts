const THIN = '\u202f';

/** 8.2 s, 1 min 20 s, 2 h 5 min, 3 d 4 h. */
export function duration(seconds: number | null | undefined): string {
	if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '–';
	if (seconds < 9.95) return `${Math.max(0, seconds).toFixed(1)}${THIN}s`;
	const total = Math.round(seconds);
	if (total < 60) return `${total}${THIN}s`;
	if (total < 3600) return two(Math.floor(total / 60), 'min', total % 60, 's');
	if (total < 86_400) return two(Math.floor(total / 3600), 'h', Math.floor((total % 3600) / 60), 'min');
	return two(Math.floor(total / 86_400), 'd', Math.floor((total % 86_400) / 3600), 'h');
}

/** Time that is left, in steps that do not flicker: whole seconds below 10 s, 5 s below a minute, then minutes. */
export function remaining(seconds: number): string {
	if (seconds < 10) return `${Math.max(1, Math.round(seconds))}${THIN}s`;
	if (seconds < 57.5) return `${Math.round(seconds / 5) * 5}${THIN}s`;
	if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))}${THIN}min`;
	return duration(seconds);
}

export function ago(at: string, now: number): string {
	const seconds = Math.max(0, (now - Date.parse(at)) / 1000);
	if (seconds < 2) return 'just now';
	if (seconds < 60) return `${Math.round(seconds)}${THIN}s ago`;
	if (seconds < 3600) return `${Math.floor(seconds / 60)}${THIN}min ago`;
	if (seconds < 86_400) return `${Math.floor(seconds / 3600)}${THIN}h ago`;
	return `${Math.floor(seconds / 86_400)}${THIN}d ago`;
}

/** Day and clock of the reader's own place. */
export function dateTime(at: string): string {
	return new Date(at).toLocaleString('en-GB', {
		day: 'numeric',
		month: 'short',
		year: 'numeric',
		hour: '2-digit',
		minute: '2-digit',
	});
}

export function clock(at: string): string {
	return new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}

export function secondsBetween(from: string | null, to: string | null): number | null {
	return from === null || to === null ? null : Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
}

function two(big: number, bigUnit: string, small: number, smallUnit: string): string {
	return small === 0 ? `${big}${THIN}${bigUnit}` : `${big}${THIN}${bigUnit} ${small}${THIN}${smallUnit}`;
}
