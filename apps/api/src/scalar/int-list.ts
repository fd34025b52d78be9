import { numberListScalar } from './number-list.js';

export const IntList = numberListScalar({
	name: 'IntList',
	description: 'A list of integers up to 2^53 - 1, in the same two forms as FloatList.',
	refuse: (value) => (Number.isSafeInteger(value) ? null : `is ${value}; expected an integer up to 2^53 - 1`),
});
