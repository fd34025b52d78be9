'use client';

import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useSettled } from '../connection/use-settled';
import { useStream } from '../connection/use-stream';
import { Toggle } from '../design/Choice';
import { Section } from '../design/PageHead';
import { SearchField } from '../design/SearchField';
import { count } from '../format/numbers';
import { LogFramesDocument } from '../gql/graphql';
import { useUrlState } from '../url/use-url-state';
import styles from './LogLines.module.css';
import { LogMatches } from './LogMatches';

/** Lines that the page keeps: what scrolled out of it stays on the server. */
const KEEP = 2_000;

interface Log {
	/** Numbered from 1. */
	readonly lines: readonly { readonly number: number; readonly text: string }[];
	/** Lines that arrived in all. */
	readonly total: number;
}

/** Each search reads the run's log on the server: it waits until the typing has paused. */
const TYPING_MS = 250;

const EMPTY: Log = { lines: [], total: 0 };

/** What the worker prints, from the beginning and then live, in a box of its own that follows its end. A search shows its matches instead. */
export function LogLines({ id }: { readonly id: string }) {
	const [log, setLog] = useState<Log>(EMPTY);
	const [follow, setFollow] = useState(true);
	const [shared, setShared] = useUrlState('log', '');
	// The URL answers too late for a field that is being typed into: it gets what the typing came to.
	const [search, setSearch] = useState(shared);
	const settled = useSettled(search, TYPING_MS);
	useEffect(() => setShared(settled), [settled, setShared]);
	const searching = search !== '' && settled !== '';
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
	}, [log.total, follow, searching]);
	return (
		<Section
			title="Log"
			note={log.total > 0 ? `${count(log.total)} ${log.total === 1 ? 'line' : 'lines'}` : undefined}
			tools={
				<>
					<SearchField label="Search the log" value={search} onChange={setSearch} />
					{searching ? null : <Toggle label="Follow" on={follow} onChange={setFollow} />}
				</>
			}
		>
			{searching ? (
				<LogMatches id={id} search={settled} total={log.total} />
			) : (
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
			)}
		</Section>
	);
}
