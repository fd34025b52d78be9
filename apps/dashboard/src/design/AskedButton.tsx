'use client';

import { useState } from 'react';
import { Button } from './Button';

/** A button whose second press is the one that acts; looking elsewhere takes the first one back. */
export function AskedButton(props: {
	readonly label: string;
	/** What the second press says. */
	readonly question: string;
	readonly disabled?: boolean;
	readonly onConfirm: () => void;
}) {
	const [asking, setAsking] = useState(false);
	return (
		<Button
			disabled={props.disabled}
			onBlur={() => setAsking(false)}
			onClick={() => {
				if (asking) props.onConfirm();
				setAsking(!asking);
			}}
		>
			{asking ? props.question : props.label}
		</Button>
	);
}
