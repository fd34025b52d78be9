import { expect, test } from 'vitest';
import { AXES, axisOf } from './axes';

test('every axis of the API is offered, and an unknown word is the step', () => {
	expect(AXES.map(({ axis }) => axis)).toEqual(['STEP', 'EPOCH', 'EXAMPLES', 'COMPUTE', 'WALL_TIME']);
	expect([axisOf('examples').axis, axisOf('furlongs').axis]).toEqual(['EXAMPLES', 'STEP']);
});
