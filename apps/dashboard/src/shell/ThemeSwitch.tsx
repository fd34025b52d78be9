'use client';

import { useSyncExternalStore } from 'react';
import styles from './ThemeSwitch.module.css';

const CHOICES = ['system', 'light', 'dark'] as const;
type Choice = (typeof CHOICES)[number];
const STORAGE_KEY = 'graft-theme';
const CHANGED = 'graft-theme-changed';

function current(): Choice {
	const set = document.documentElement.dataset.theme;
	return set === 'light' || set === 'dark' ? set : 'system';
}

function choose(choice: Choice): void {
	if (choice === 'system') delete document.documentElement.dataset.theme;
	else document.documentElement.dataset.theme = choice;
	try {
		if (choice === 'system') localStorage.removeItem(STORAGE_KEY);
		else localStorage.setItem(STORAGE_KEY, choice);
	} catch {
		// Storage may be forbidden: the choice then holds for this page.
	}
	window.dispatchEvent(new Event(CHANGED));
}

/** Tells when colours change: by the switch or by the system. Charts, which paint their own pixels, listen. */
export function onThemeChange(listener: () => void): () => void {
	const system = window.matchMedia('(prefers-color-scheme: dark)');
	system.addEventListener('change', listener);
	window.addEventListener(CHANGED, listener);
	return () => {
		system.removeEventListener('change', listener);
		window.removeEventListener(CHANGED, listener);
	};
}

export function ThemeSwitch() {
	const choice = useSyncExternalStore<Choice>(onThemeChange, current, () => 'system');
	return (
		<fieldset className={styles.switch}>
			<legend className="visually-hidden">Theme</legend>
			{CHOICES.map((value) => (
				<label key={value} className={styles.choice}>
					<input
						type="radio"
						name="theme"
						className="visually-hidden"
						checked={choice === value}
						onChange={() => choose(value)}
					/>
					<span>{value === 'system' ? 'Auto' : value === 'light' ? 'Light' : 'Dark'}</span>
				</label>
			))}
		</fieldset>
	);
}
