import { canonicalJson } from '../json/index.js';
import { fnv1aHex64 } from '../random/index.js';
import type { Strategy } from './strategy.js';

/** What a person calls it, in lower case: `fine-tune from block3`. Rates are left out; no commas, so that labels can stand in a list. */
export function strategyLabel(strategy: Strategy): string {
	switch (strategy.kind) {
		case 'FROM_SCRATCH':
			return 'from scratch';
		case 'FEATURE_EXTRACTION':
			return 'feature extraction';
		case 'PARTIAL_FINE_TUNE':
			return `fine-tune from ${strategy.unfreezeFrom}`;
		case 'FULL_FINE_TUNE':
			return 'full fine-tuning';
		case 'LP_FT':
			return 'linear probe then fine-tuning';
		case 'GRADUAL_UNFREEZE':
			return 'gradual unfreezing';
		case 'DISCRIMINATIVE_LR':
			return 'discriminative rates';
		case 'LAYERWISE_LR_DECAY':
			return 'layer-wise rate decay';
		case 'BATCH_NORM_ONLY':
			return 'BatchNorm only';
		case 'BITFIT':
			return 'biases only';
		case 'SURGICAL':
			return `${strategy.unfreezeFrom} and head only`;
		case 'L2_SP':
			return 'fine-tuning held to the start';
		case 'LORA':
			return `LoRA of rank ${strategy.rank}`;
		case 'FREEZE_OUT':
			return 'FreezeOut';
		case 'ADABN':
			return 'AdaBN';
		case 'DEEP_CORAL':
			return 'Deep CORAL';
		case 'MMD':
		case 'DANN':
			return strategy.kind;
	}
}

/** Equal for equal strategies, whatever the order of their fields: the key to group runs by. */
export function strategyKey(strategy: Strategy): string {
	return fnv1aHex64(canonicalJson(strategy));
}
