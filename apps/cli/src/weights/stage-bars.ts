import { createScreen } from '../terminal/screen.js';

export interface StageBars {
	/** How far a stage is, in bytes. */
	show(stage: string, done: number, total: number): void;
	rest(): void;
}

const WIDTH = 32;

/** One bar a stage, on stderr: live on a terminal, else a line now and then. */
export function createStageBars(stream: NodeJS.WriteStream = process.stderr): StageBars {
	const screen = createScreen(stream);
	const stages = new Map<string, string>();
	let latest = '';
	screen.show({ picture: () => [...stages.values()].join('\n'), line: () => latest });
	return {
		show(stage, done, total) {
			latest = barLine(stage, done, total);
			stages.set(stage, latest);
		},
		rest: () => screen.rest(),
	};
}

/** `import    ████████████████                  512.0 of 1,024.0 MB` */
export function barLine(stage: string, done: number, total: number): string {
	const filled = total > 0 ? Math.floor((WIDTH * Math.min(done, total)) / total) : WIDTH;
	const megabytes = (bytes: number) =>
		(bytes / 1e6).toLocaleString('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
	return `${stage.padEnd(9)} ${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)}  ${megabytes(done)} of ${megabytes(total)} MB`;
}
