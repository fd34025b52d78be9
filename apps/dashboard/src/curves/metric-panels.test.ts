import { describe, expect, it } from 'vitest';
import { metricPanels } from './metric-panels';

describe('metricPanels', () => {
	it('puts splits of a measure together and leaves bookkeeping out', () => {
		const keys = [
			'epoch',
			'examples',
			'learning_rate',
			'test_accuracy',
			'train_loss',
			'val_accuracy',
			'val_loss',
			'train_accuracy',
		];
		expect(metricPanels(keys)).toEqual([
			{ title: 'Accuracy', keys: ['train_accuracy', 'val_accuracy', 'test_accuracy'] },
			{ title: 'Loss', keys: ['train_loss', 'val_loss'] },
			{ title: 'Learning rate', keys: ['learning_rate'] },
		]);
	});

	it('begins with how far a regression is off', () => {
		expect(metricPanels(['val_loss', 'test_mae', 'val_mae'])).toEqual([
			{ title: 'Mean absolute error', keys: ['val_mae', 'test_mae'] },
			{ title: 'Loss', keys: ['val_loss'] },
		]);
	});
});
