/** What every component of the form is drawn from, and the only ways in which it can answer. */
import type { Fields, FormState, Message } from './form-state.ts';
import type { Words } from './words.ts';

export interface FormProps extends FormState, Words {
  showsName: boolean;
  /** The visitor may choose a department, unless the page has. */
  showsDepartments: boolean;
  edit: (change: Partial<Fields>) => void;
  send: (message: Message) => void;
  submit: () => void;
  /** This moment, RFC 3339. */
  stamp: () => string;
  /** Absent where the form stands in the page. */
  close?: (() => void) | undefined;
}
