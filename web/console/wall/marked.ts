import { ElButton, ElMessage } from "element-plus";
import { h } from "vue";
import { useI18n } from "vue-i18n";
import { api, ask } from "../api/client";
import { asProblem } from "../api/problem";
import { useSession } from "../session/session";

/** How long a slip of the hand can be taken back beside its message. */
const UNDO_FOR = 8000;

/** Says what a mark has kept, and takes it back for whoever may: the footage goes when its days are over, as before; both stay on record. */
export function useMarked() {
  const { t } = useI18n();
  const session = useSession();

  async function undo(ids: readonly string[]): Promise<void> {
    try {
      await Promise.all(ids.map((id) => ask(api.DELETE("/api/holds/{id}", { params: { path: { id } } }))));
      ElMessage.success(t("wall.mark-undone"));
    } catch (error) {
      ElMessage.error(asProblem(error).message || t("wall.mark-not-undone"));
    }
  }

  return (text: string, ids: readonly string[]): void => {
    if (!session.may("hold.write")) {
      ElMessage.success(text);
      return;
    }
    const said = ElMessage.success({
      duration: UNDO_FOR,
      message: h("span", { class: "said-undo" }, [
        h("span", text),
        h(
          ElButton,
          {
            size: "small",
            "data-testid": "mark-undo",
            onClick: () => {
              said.close();
              void undo(ids);
            },
          },
          () => t("wall.undo"),
        ),
      ]),
    });
  };
}
