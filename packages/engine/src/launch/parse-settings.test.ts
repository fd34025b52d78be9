import { expect, test } from 'vitest';
import { parseHead } from './parse-head.js';
import { parseOptimizer } from './parse-optimizer.js';

test('the default head and the default optimizer', () => {
	expect(parseHead(null)).toEqual({ pooling: 'average', hidden: [], dropout: 0 });
	expect(parseOptimizer(null)).toEqual({ kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 });
	expect(parseOptimizer({ kind: 'sgd' })).toEqual({ kind: 'sgd', momentum: 0, nesterov: false });
	expect(parseOptimizer({ kind: 'rmsprop' })).toEqual({ kind: 'rmsprop', rho: 0.9, momentum: 0, epsilon: 1e-7 });
});

test("torch's convention brings torch's defaults, and Keras' is not named", () => {
	const convention = 'torch';
	expect(parseOptimizer({ kind: 'adamw', convention })).toEqual({
		...{ kind: 'adamw', convention, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
	});
	expect(parseOptimizer({ kind: 'rmsprop', convention })).toMatchObject({ rho: 0.99, epsilon: 1e-8 });
	expect(parseOptimizer({ convention: 'keras' })).toEqual(parseOptimizer(null));
});

test('what is given replaces the default, field by field', () => {
	expect(parseHead({ hidden: [64] })).toEqual({ pooling: 'average', hidden: [64], dropout: 0 });
	const layers = [{ units: 256, activation: 'relu' }, { units: 64, activation: 'tanh', dropout: 0.3 }, { units: 8 }];
	expect(parseHead({ hidden: layers, inputDropout: 0.1, loss: 'mae' })).toEqual({
		pooling: 'average',
		inputDropout: 0.1,
		hidden: [256, { units: 64, activation: 'tanh', dropout: 0.3 }, 8],
		dropout: 0,
		loss: 'mae',
	});
	expect(parseOptimizer({ beta1: 0.5 })).toMatchObject({ kind: 'adam', beta1: 0.5, beta2: 0.999 });
	expect(parseOptimizer({ kind: 'sgd', momentum: 0.9, nesterov: true })).toMatchObject({
		momentum: 0.9,
		nesterov: true,
	});
});

test.each([
	[[], 'head'],
	['average', 'head'],
	[{ layers: 1 }, 'head.layers'],
	[{ pooling: 'sum' }, 'head.pooling'],
	[{ hidden: 64 }, 'head.hidden'],
	[{ hidden: [0] }, 'head.hidden'],
	[{ hidden: [1, 2, 3, 4, 5, 6, 7, 8, 9] }, 'head.hidden'],
	[{ dropout: 1 }, 'head.dropout'],
	[{ dropout: null }, 'head.dropout'],
	[{ hidden: [{ units: 8, activation: 'softplus' }] }, 'head.hidden'],
	[{ hidden: [{ units: 8, rate: 0.1 }] }, 'head.hidden'],
	[{ hidden: [{ activation: 'tanh' }] }, 'head.hidden'],
	[{ hidden: [{ units: 8, dropout: 1 }] }, 'head.hidden'],
	[{ hidden: [null] }, 'head.hidden'],
	[{ inputDropout: 0.2 }, 'head.inputDropout'],
	[{ hidden: [8], inputDropout: 2 }, 'head.inputDropout'],
	[{ loss: 'huber' }, 'head.loss'],
])('refuses the head %j', (head, field) => {
	expect(parseHead(head)).toMatchObject({ kind: 'InvalidInput', field });
});

test.each([
	[[], 'optimizer'],
	[{ kind: 'lion' }, 'optimizer.kind'],
	[{ momentum: 0.9 }, 'optimizer.momentum'],
	[{ kind: 'sgd', beta1: 0.9 }, 'optimizer.beta1'],
	[{ kind: 'rmsprop', rho: 1 }, 'optimizer.rho'],
	[{ kind: 'sgd', convention: 'jax' }, 'optimizer.convention'],
	[{ beta2: 1 }, 'optimizer.beta2'],
	[{ epsilon: 0 }, 'optimizer.epsilon'],
	[{ kind: 'sgd', momentum: -1 }, 'optimizer.momentum'],
	[{ kind: 'sgd', nesterov: 'yes' }, 'optimizer.nesterov'],
	[{ kind: 'sgd', nesterov: true }, 'optimizer.nesterov'],
])('refuses the optimizer %j', (optimizer, field) => {
	expect(parseOptimizer(optimizer)).toMatchObject({ kind: 'InvalidInput', field });
});
