'use client';

import { useLayoutEffect, useRef, useState } from 'react';
import { useStream } from '../connection/use-stream';
import { Toggle } from '../design/Choice';
import { Section } from '../design/PageHead';
import { count } from '../format/numbers';
import { LogFramesDocument } from '../gql/graphql';
import styles from './LogLines.module.css';

/** Lines that the page keeps: what scrolled out of it stays on the server. */
const KEEP = 2_000;

interface Log {
	/** Numbered from 1. */
	readonly lines: readonly { readonly number: number; readonly text: string }[];
	/** Lines that arrived in all. */
	readonly total: number;
}

const EMPTY: Log = { lines: [], total: 0 };

/** What the worker prints, from the beginning and then live, in a box of its own that follows its end. */
export function LogLines({ id }: { readonly id: string }) {
	const [log, setLog] = useState<Log>(EMPTY);
	const [follow, setFollow] = useState(true);
	const box = useRef<HTMLOListElement>(null);
	useStream(
		`log#${id}`,
		(client, signal) => {
			// A stream that is opened anew begins at the first line.
			setLog(EMPTY);
			return client.streamWithCursor(LogFramesDocument, { runId: id }, (frame) => frame.logStream.cursor, { signal });
		},
		(frames) => {
			const fresh = frames.flatMap((frame) => frame.logStream.lines);
			setLog(({ lines, total }) => ({
				lines: [...lines, ...fresh.map((text, at) => ({ number: total + at + 1, text }))].slice(-KEEP),
				total: total + fresh.length,
			}));
		},
	);
	// biome-ignore lint/correctness/useExhaustiveDependencies: new lines are the reason to scroll.
	useLayoutEffect(() => {
		if (follow && box.current) box.current.scrollTop = box.current.scrollHeight;
	}, [log.total, follow]);
	return (
		<Section
			title="Log"
			note={log.total > 0 ? `${count(log.total)} ${log.total === 1 ? 'line' : 'lines'}` : undefined}
			tools={<Toggle label="Follow" on={follow} onChange={setFollow} />}
		>
			<ol
				ref={box}
				className={styles.box}
				// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling box has to be reachable by keyboard.
				tabIndex={0}
				aria-label="Log lines"
			>
				{log.lines.length === 0 ? <li className={styles.none}>No lines yet</li> : null}
				{log.lines.map((line) => (
					<li key={line.number} data-testid="log-line">
						<span aria-hidden="true">{line.number}</span>
						{line.text}
					</li>
				))}
			</ol>
		</Section>
	);
}
