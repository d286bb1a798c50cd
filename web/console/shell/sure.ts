import { ElMessageBox } from "element-plus";
import { words } from "../words";

/** Asks before something that cannot be taken back, or weighs: the button says what will be done. */
export async function sure(says: string, deed: string): Promise<boolean> {
  const said = await ElMessageBox.confirm(says, deed, {
    confirmButtonText: deed,
    cancelButtonText: words.global.t("act.cancel"),
    closeOnClickModal: false,
  }).catch(() => null);
  return said !== null;
}

/** Asks before something that was typed and not saved makes room for something else. */
export const leave = () => sure(words.global.t("shell.unsaved"), words.global.t("shell.leave"));

/**
 * Asks for a few words before something that is done with a reason; null: it is not to be done after all. Beneath stands what the
 * words lack, or the question once more when there are none. A click beside the box throws nothing away that was typed.
 */
export async function reason(
  says: string,
  deed: string,
  more: { lacks?: (said: string) => string; hint?: string; begin?: string } = {},
): Promise<string | null> {
  const lacks = more.lacks ?? ((said) => (said ? "" : says));
  const said = await ElMessageBox.prompt(says, deed, {
    confirmButtonText: deed,
    cancelButtonText: words.global.t("act.cancel"),
    closeOnClickModal: false,
    inputPlaceholder: more.hint ?? "",
    inputValue: more.begin ?? "",
    inputValidator: (text) => lacks(text?.trim() ?? "") || true,
  }).catch(() => null);
  return said === null ? null : said.value.trim();
}
