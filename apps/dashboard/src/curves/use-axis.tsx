import { type ReactNode, useCallback, useMemo } from 'react';
import type { Range } from '../chart/range';
import { Segments } from '../design/Choice';
import { RangeField } from '../design/RangeField';
import { useUrlState } from '../url/use-url-state';
import { AXES, axisOf } from './axes';
import { formatRange, parseRange, tidyRange } from './axis-range';

/**
 * The x axis of a page's charts and the part of it that they show, with the tools to choose both. They stand in the URL; another
 * axis is another measure, so that it begins whole.
 */
export function useAxis(): {
	readonly axis: ReturnType<typeof axisOf>;
	readonly window: Range | null;
	readonly onZoom: (to: Range | null) => void;
	readonly tools: ReactNode;
} {
	const [value, setAxis] = useUrlState('x', 'step');
	const [text, setText] = useUrlState('range', '');
	const axis = axisOf(value);
	const window = useMemo(() => parseRange(text), [text]);
	const onZoom = useCallback(
		(to: Range | null) => setText(to === null ? '' : formatRange(tidyRange(to, axis.whole))),
		[setText, axis.whole],
	);
	const tools = (
		<>
			<Segments
				label="Horizontal axis"
				value={axis.value}
				onChange={(next) => {
					setText('');
					setAxis(next);
				}}
				options={AXES.map(({ value, name }) => ({ value, label: name }))}
			/>
			<RangeField label={axis.label} range={window} onChange={onZoom} />
		</>
	);
	return { axis, window, onZoom, tools };
}
