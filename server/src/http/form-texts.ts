/**
 * Every sentence of the form page, one table a language with the same keys; `{…}` is filled in. A refusal is worded under its
 * code, its explanation under the code with `_text`. No sentence says more than is known.
 */
const en = {
  title: 'We call you back',
  lead: 'Leave your number. Our team’s phone rings first, then yours.',
  promise: 'We call within {time}.',
  phone: 'Your phone number',
  country: 'Country',
  name: 'Your name (optional)',
  send: 'Call me back',
  department: 'Department',
  any_department: 'Any',
  department_invalid: 'Please choose a department.',
  when: 'When ({zone} time)',
  pick_time: 'Please choose',
  now: 'As soon as possible',
  opens: 'Calls are possible again from {time}.',
  choose: 'You can choose a time now.',
  more: 'More about this',
  required: 'Please check what is marked below.',
  error: 'Error: {title}',

  empty: 'Please enter your phone number.',
  number_invalid: 'This number does not exist. Please check the digits.',
  number_refused: 'We cannot call this number. Nothing was dialled and the number was not stored.',
  country_invalid: 'Please choose a country.',
  consent_required: 'Please agree first, so that we may call you.',

  too_young: 'That was very quick',
  too_young_text: 'Nothing was sent yet. Please look at your number and press the button once more.',
  expired: 'This page was open for a long time',
  expired_text: 'Nothing was sent yet. Please press the button once more.',
  forged: 'This form could not be recognized',
  forged_text: 'Nothing was sent yet. Please press the button once more.',
  key_reused: 'This form was sent before',
  key_reused_text: 'A call was asked for with it, with other details. To ask for one more call, press the button again.',
  rate_limited: 'Too many requests',
  rate_limited_text: 'Nothing was dialled and the number was not stored. Please try again in {time}.',
  proof_required: 'We cannot take this request here',
  proof_required_text:
    'There are unusually many requests at the moment, and this simple page cannot tell yours from theirs. Nothing was dialled.',
  proof_required_phone: 'Please call us instead, or use the form on our website.',
  proof_required_other: 'Please use the form on our website, or try again later.',
  closed: 'We are closed right now',
  closed_text: 'Nothing was dialled.',
  night_there: 'It is too early or too late there',
  night_there_text: 'Abroad we call by day only. Nothing was dialled.',
  slot_unavailable: 'This time is not free any more',
  slot_unavailable_text: 'Nothing was noted down. Please choose another time.',
  unavailable: 'No calls right now',
  unavailable_text: 'Nothing was dialled and the number was not stored. Please try again later.',
  not_sent: 'This could not be sent',
  not_sent_text: 'Nothing was dialled. Please open the form again and send it from there.',
  unknown_site: 'There is no form here',
  unknown_site_text: 'The address may have been copied incompletely.',
  unknown_call: 'There is no such request',
  unknown_call_text: 'The address may have been copied incompletely, or it is too old.',

  waiting: 'Request received',
  waiting_text: 'Keep your phone close. This page renews itself.',
  scheduled: 'Your call is planned',
  scheduled_text: 'Planned for {time}. Keep your phone close then; our team’s phone rings first.',
  doubtful: 'Not confirmed',
  doubtful_text: 'We could not confirm that the call was started. If your phone does not ring within a minute, try again or call us.',
  calling: 'We have started calling',
  calling_text: 'Our team’s phone rings first, then yours.',
  agent_ringing: 'Ringing our team',
  agent_answered: 'Our team has answered',
  visitor_ringing: 'Your phone is ringing',
  visitor_next: 'Your phone rings',
  talking: 'You are talking',
  talking_text: 'You can close this page.',
  too_late: 'Too late to cancel: the call has already been started.',
  done: 'The call has ended',
  done_text: 'There will be no further call for this request.',
  missed: 'The call did not come about',
  missed_text: 'One of the two phones was not answered. There will be no further call for this request.',
  failed: 'The call failed',
  failed_text: 'We could not put you through. There will be no further call for this request.',
  bad_number: 'This number could not be called. Please check it or use another one.',
  cancelled: 'Cancelled',
  cancelled_text: 'There will be no call for this request.',

  cancel: 'Cancel the call',
  open_form: 'Open the form again',
  anew: 'Ask for another call',
  call_us: 'Call us: {phone}',
} as const;

export type FormTextKey = keyof typeof en;
export type FormTexts = Readonly<Record<FormTextKey, string>>;

const ru: FormTexts = {
  title: 'Мы вам перезвоним',
  lead: 'Оставьте номер. Сначала зазвонит телефон у нас, затем у вас.',
  promise: 'Перезвоним за {time}.',
  phone: 'Ваш номер телефона',
  country: 'Страна',
  name: 'Ваше имя (необязательно)',
  send: 'Перезвоните мне',
  department: 'Отдел',
  any_department: 'Любой',
  department_invalid: 'Выберите отдел.',
  when: 'Когда (время: {zone})',
  pick_time: 'Выберите время',
  now: 'Как можно скорее',
  opens: 'Звонки снова возможны с этого времени: {time}.',
  choose: 'Время звонка можно выбрать уже сейчас.',
  more: 'Подробнее',
  required: 'Проверьте отмеченное ниже.',
  error: 'Ошибка: {title}',

  empty: 'Введите номер телефона.',
  number_invalid: 'Такого номера нет. Проверьте цифры.',
  number_refused: 'Мы не можем позвонить на этот номер. Его не набирали и не сохранили.',
  country_invalid: 'Выберите страну.',
  consent_required: 'Чтобы мы могли позвонить, нужно ваше согласие.',

  too_young: 'Это было очень быстро',
  too_young_text: 'Пока ничего не отправлено. Проверьте номер и нажмите кнопку ещё раз.',
  expired: 'Страница была открыта слишком долго',
  expired_text: 'Пока ничего не отправлено. Нажмите кнопку ещё раз.',
  forged: 'Не удалось распознать эту форму',
  forged_text: 'Пока ничего не отправлено. Нажмите кнопку ещё раз.',
  key_reused: 'Эта форма уже отправлена',
  key_reused_text: 'По ней уже запрошен звонок с другими данными. Чтобы запросить ещё один, нажмите кнопку снова.',
  rate_limited: 'Слишком много запросов',
  rate_limited_text: 'Номер не набирали и не сохранили. Попробуйте через {time}.',
  proof_required: 'Здесь мы не можем принять этот запрос',
  proof_required_text: 'Сейчас необычно много запросов, и эта простая страница не может отличить ваш от остальных. Номер не набирали.',
  proof_required_phone: 'Позвоните нам или воспользуйтесь формой на нашем сайте.',
  proof_required_other: 'Воспользуйтесь формой на нашем сайте или попробуйте позже.',
  closed: 'Сейчас мы закрыты',
  closed_text: 'Номер не набирали.',
  night_there: 'Там сейчас слишком рано или слишком поздно',
  night_there_text: 'За границу мы звоним только днём. Номер не набирали.',
  slot_unavailable: 'Это время уже занято',
  slot_unavailable_text: 'Ничего не записано. Выберите другое время.',
  unavailable: 'Сейчас звонки недоступны',
  unavailable_text: 'Номер не набирали и не сохранили. Попробуйте позже.',
  not_sent: 'Не удалось отправить',
  not_sent_text: 'Номер не набирали. Откройте форму заново и отправьте её оттуда.',
  unknown_site: 'Здесь нет формы',
  unknown_site_text: 'Возможно, адрес скопирован не полностью.',
  unknown_call: 'Такого запроса нет',
  unknown_call_text: 'Возможно, адрес скопирован не полностью или устарел.',

  waiting: 'Запрос принят',
  waiting_text: 'Держите телефон под рукой. Страница обновляется сама.',
  scheduled: 'Звонок запланирован',
  scheduled_text: 'Время звонка: {time}. Держите тогда телефон под рукой; сначала зазвонит телефон у нас.',
  doubtful: 'Нет подтверждения',
  doubtful_text:
    'Мы не смогли убедиться, что звонок начался. Если телефон не зазвонит в течение минуты, попробуйте ещё раз или позвоните нам.',
  calling: 'Мы начали звонить',
  calling_text: 'Сначала зазвонит телефон у нас, затем у вас.',
  agent_ringing: 'Вызываем сотрудника',
  agent_answered: 'Сотрудник ответил',
  visitor_ringing: 'Ваш телефон звонит',
  visitor_next: 'Зазвонит ваш телефон',
  talking: 'Вы разговариваете',
  talking_text: 'Эту страницу можно закрыть.',
  too_late: 'Отменить уже нельзя: звонок начался.',
  done: 'Звонок завершён',
  done_text: 'Других звонков по этому запросу не будет.',
  missed: 'Разговор не состоялся',
  missed_text: 'На одном из двух телефонов не ответили. Других звонков по этому запросу не будет.',
  failed: 'Звонок не удался',
  failed_text: 'Нам не удалось соединить вас. Других звонков по этому запросу не будет.',
  bad_number: 'На этот номер не удалось позвонить. Проверьте его или укажите другой.',
  cancelled: 'Отменено',
  cancelled_text: 'По этому запросу вам не позвонят.',

  cancel: 'Отменить звонок',
  open_form: 'Открыть форму заново',
  anew: 'Запросить ещё один звонок',
  call_us: 'Позвонить нам: {phone}',
};

export const FORM_LANGUAGES = ['en', 'ru'] as const;
export type FormLanguage = (typeof FORM_LANGUAGES)[number];
/** Each language by its own name, for the link that switches to it. */
export const FORM_LANGUAGE_NAMES: Readonly<Record<FormLanguage, string>> = { en: 'English', ru: 'Русский' };
export const FORM_TEXTS: Readonly<Record<FormLanguage, FormTexts>> = { en, ru };

export function fillText(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (gap, key: string) => (Object.hasOwn(values, key) ? (values[key] ?? gap) : gap));
}

/** Short units need no case endings: `30 sec`, `5 мин`. */
export function formatDuration(seconds: number, language: FormLanguage): string {
  const [amount, unit] =
    seconds < 120 ? [seconds, 'second'] : seconds < 7_200 ? [Math.ceil(seconds / 60), 'minute'] : [Math.ceil(seconds / 3_600), 'hour'];
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(amount);
}
