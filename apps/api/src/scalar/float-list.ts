import { numberListScalar } from './number-list.js';

export const FloatList = numberListScalar({
	name: 'FloatList',
	description:
		'A list of float64. In: JSON numbers, or the strings NaN, Infinity, -Infinity; or one base64 string of little-endian float64. Out: the same list form, or base64 with (packed: true).',
	refuse: () => null,
});
