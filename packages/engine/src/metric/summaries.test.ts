import { expect, test } from 'vitest';
import { bestDirection } from './summaries.js';

const experiment = { metric: 'val_loss', direction: 'MAXIMIZE' } as const;

test.each([
	['val_accuracy', 'MAXIMIZE'],
	['train_loss', 'MINIMIZE'],
	['test_mae', 'MINIMIZE'],
	['word_error_rate', 'MINIMIZE'],
	['maeander', 'MAXIMIZE'],
	['val_loss', 'MAXIMIZE'],
])('%s is best at its %s, unless the experiment says otherwise of its own', (metric, direction) => {
	expect(bestDirection(metric, experiment)).toBe(direction);
});
