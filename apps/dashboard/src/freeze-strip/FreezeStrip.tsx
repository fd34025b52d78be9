'use client';

import { type KeyboardEvent, useRef, useState } from 'react';
import { count } from '../format/numbers';
import type { StripGroupFragment, StripPlanFragment } from '../gql/graphql';
import styles from './FreezeStrip.module.css';
import { cacheLine, type StripBlock, stripRows, stripSummary, type Verification } from './strip-rows';

interface FreezeStripProps {
	readonly plan: StripPlanFragment;
	readonly layerGroups: readonly StripGroupFragment[];
	readonly verification?: Verification | null;
}

/**
 * The backbone as a row of blocks from input to head: what is frozen is ice, what learns is ember. One row a phase; a
 * thin line under each block shows how far its weights moved. One tab stop; arrow keys walk the blocks.
 */
export function FreezeStrip({ plan, layerGroups, verification = null }: FreezeStripProps) {
	const rows = stripRows(plan, layerGroups, verification);
	const [active, setActive] = useState<string | null>(null);
	const strip = useRef<HTMLDivElement>(null);
	const blocks = rows.flatMap((row, index) => row.blocks.map((block) => ({ key: `${index}/${block.group}`, block })));
	const shown = blocks.find(({ key }) => key === active)?.block ?? null;
	const summary = stripSummary(plan);

	const walk = (event: KeyboardEvent) => {
		const width = rows[0]?.blocks.length ?? 1;
		const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: width, ArrowUp: -width }[event.key];
		if (step === undefined) return;
		const at = blocks.findIndex(({ key }) => key === active);
		const next = blocks[Math.min(blocks.length - 1, Math.max(0, at + step))];
		if (!next) return;
		event.preventDefault();
		strip.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(next.key)}"]`)?.focus();
	};

	return (
		// biome-ignore lint/a11y/useSemanticElements: a fieldset is for form fields; this groups blocks of one drawing.
		<div
			ref={strip}
			role="group"
			className={styles.strip}
			data-testid="freeze-strip"
			data-scratch={plan.startsFromPretrained ? undefined : ''}
			aria-label={`Freeze plan. ${summary}`}
			onKeyDown={walk}
			onPointerLeave={() => setActive(null)}
		>
			{rows.map((row, index) => (
				<div key={`${row.label}/${index === 0 ? 'first' : index}`} className={styles.row}>
					{rows.length > 1 ? (
						<p className={styles.phase}>
							Phase {index + 1}
							<span>{row.label}</span>
						</p>
					) : null}
					<div className={styles.blocks}>
						{row.blocks.map((block, at) => (
							<Block
								key={block.group}
								id={`${index}/${block.group}`}
								block={block}
								named={index === rows.length - 1}
								tabStop={active === null ? index === 0 && at === 0 : active === `${index}/${block.group}`}
								onActive={setActive}
							/>
						))}
					</div>
				</div>
			))}
			<p className={styles.detail} aria-live="polite">
				{shown === null ? (
					<>
						{summary}
						{verification === null ? null : verification.ok ? ' · checked: the weights did as planned' : null}
						{verification !== null && !verification.ok ? <strong> · the weights did not do as planned</strong> : null}
					</>
				) : (
					<>
						<b>{shown.group}</b> {shown.detail}
					</>
				)}
			</p>
			<p className={styles.cache}>{cacheLine(plan)}</p>
		</div>
	);
}

function Block(props: {
	readonly id: string;
	readonly block: StripBlock;
	readonly named: boolean;
	readonly tabStop: boolean;
	readonly onActive: (id: string | null) => void;
}) {
	const { id, block, named, tabStop, onActive } = props;
	return (
		<button
			type="button"
			className={styles.block}
			style={{ flexGrow: block.weight }}
			tabIndex={tabStop ? 0 : -1}
			data-key={id}
			data-trainable={block.trainable ? '' : undefined}
			data-violated={block.violated ? '' : undefined}
			onPointerEnter={() => onActive(id)}
			onFocus={() => onActive(id)}
			onBlur={() => onActive(null)}
		>
			<span className={styles.body} style={{ opacity: block.trainable ? block.strength : 1 }} />
			{named ? (
				<>
					<span className={styles.track}>
						{block.moved === null ? null : (
							<span style={{ width: block.moved > 0 ? `max(3px, ${block.moved * 100}%)` : 0 }} />
						)}
					</span>
					<span className={styles.name}>{block.group}</span>
					<span className={styles.size}>{count(block.parameters)}</span>
				</>
			) : null}
			<span className="visually-hidden">
				{named ? null : block.group} {block.detail}
			</span>
		</button>
	);
}
