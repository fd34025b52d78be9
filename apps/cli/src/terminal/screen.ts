import { createLogUpdate } from 'log-update';

/** Where progress goes: a live picture on a terminal, else a plain line now and then. Never on stdout's data. */
export interface Screen {
	/** A line that stays. */
	say(line: string): void;
	/** What is drawn from now on, until the next call or `rest`. */
	show(view: LiveView): void;
	/** Draws once more and lets the picture stand. */
	rest(): void;
}
export interface LiveView {
	readonly picture: () => string;
	/** The same in one line, for a log. */
	readonly line: () => string;
}

const DRAW_MS = 200;
const LINE_MS = 3_000;

export function createScreen(stream: NodeJS.WriteStream, lineMs = LINE_MS): Screen {
	return stream.isTTY ? liveScreen(stream) : lineScreen(stream, lineMs);
}

function liveScreen(stream: NodeJS.WriteStream): Screen {
	const update = createLogUpdate(stream);
	let view: LiveView | null = null;
	let timer: ReturnType<typeof setInterval> | undefined;
	const draw = () => view && update(view.picture());
	return {
		say(line) {
			update.clear();
			stream.write(`${line}\n`);
			draw();
		},
		show(next) {
			this.rest();
			view = next;
			draw();
			timer = setInterval(draw, DRAW_MS);
		},
		rest() {
			clearInterval(timer);
			draw();
			update.done();
			view = null;
		},
	};
}

function lineScreen(stream: NodeJS.WriteStream, lineMs: number): Screen {
	let view: LiveView | null = null;
	let timer: ReturnType<typeof setInterval> | undefined;
	let last = '';
	const draw = () => {
		const line = view?.line() ?? '';
		if (line !== '' && line !== last) stream.write(`${line}\n`);
		last = line;
	};
	return {
		say: (line) => void stream.write(`${line}\n`),
		show(next) {
			this.rest();
			view = next;
			draw();
			timer = setInterval(draw, lineMs);
		},
		rest() {
			clearInterval(timer);
			draw();
			view = null;
		},
	};
}
