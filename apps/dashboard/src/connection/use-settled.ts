import { useEffect, useState } from 'react';

/** A value once it has stood still for so long: what is asked of the server waits for the end of the typing. */
export function useSettled<Value>(value: Value, ms: number): Value {
	const [settled, setSettled] = useState(value);
	useEffect(() => {
		const timer = setTimeout(() => setSettled(value), ms);
		return () => clearTimeout(timer);
	}, [value, ms]);
	return settled;
}
