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
