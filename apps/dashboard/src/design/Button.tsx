import type { ButtonHTMLAttributes } from 'react';
import styles from './Button.module.css';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
	/** `plain` has no border: for actions inside rows. */
	readonly look?: 'outlined' | 'plain';
}

export function Button({ look = 'outlined', className, type = 'button', ...rest }: ButtonProps) {
	return (
		<button type={type} className={[styles.button, styles[look], className].filter(Boolean).join(' ')} {...rest} />
	);
}
