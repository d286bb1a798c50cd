import { ElButton, ElMessage } from "element-plus";
import { h } from "vue";
import { useI18n } from "vue-i18n";
import { api, ask } from "../api/client";
import { asProblem, saidBy } from "../api/problem";
import { useSession } from "../session/session";
import { keyIsFree } from "./useWallKeys";

/** How long a slip of the hand can be taken back beside its message. */
const UNDO_FOR = 8000;

/** A hold, and the camera that it is of. */
export interface Marked {
  id: string;
  name: string;
}

/** Says what a mark has kept, and takes it back for whoever may: the footage goes when its days are over, as before; both stay on record. */
export function useMarked() {
  const { t } = useI18n();
  const session = useSession();
  /** What can be taken back by a key, the latest last: a hand that marked by a key is on the keyboard still. */
  const standing: (() => void)[] = [];

  async function undo(kept: readonly Marked[]): Promise<void> {
    const left: Marked[] = [];
    let why: unknown;
    await Promise.all(
      kept.map(async (m) => {
        try {
          await ask(api.DELETE("/api/holds/{id}", { params: { path: { id: m.id } } }));
        } catch (error) {
          if (asProblem(error).status === 404) return; // somebody else has ended it meanwhile
          left.push(m);
          why = error;
        }
      }),
    );
    if (left.length === 0) ElMessage.success(t("wall.mark-undone"));
    else if (left.length === kept.length) ElMessage.error(saidBy(why) || t("wall.mark-not-undone"));
    else {
      const names = left.map((m) => m.name).join(", ");
      ElMessage.error(t("wall.undone-part", { n: kept.length - left.length, left: left.length, names }));
    }
  }

  function onKey(event: KeyboardEvent): void {
    if (!/^u$/i.test(event.key) || event.ctrlKey || event.altKey || event.metaKey || !keyIsFree(event)) return;
    event.preventDefault();
    standing[standing.length - 1]?.();
  }
  function stand(back: () => void): void {
    if (standing.length === 0) window.addEventListener("keydown", onKey);
    standing.push(back);
  }
  function fall(back: () => void): void {
    const at = standing.indexOf(back);
    if (at >= 0) standing.splice(at, 1);
    if (standing.length === 0) window.removeEventListener("keydown", onKey);
  }

  return (text: string, kept: readonly Marked[]): void => {
    if (!session.may("hold.write")) {
      ElMessage.success(text);
      return;
    }
    const back = () => {
      fall(back);
      said.close();
      void undo(kept);
    };
    const said = ElMessage.success({
      duration: UNDO_FOR,
      onClose: () => fall(back),
      message: h("span", { class: "said-undo" }, [
        h("span", text),
        h(ElButton, { size: "small", "data-testid": "mark-undo", "aria-keyshortcuts": "U", onClick: back }, () =>
          t("wall.undo"),
        ),
      ]),
    });
    stand(back);
  };
}
