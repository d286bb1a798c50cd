import { useI18n } from "vue-i18n";

/** What the register of cameras, which no person is, signs its entries with. */
const REGISTER = "register";

/** Who entered something, in words: a name, else the account, else the part of the system that did. */
export function useWho() {
  const { t } = useI18n();
  return (name: string | undefined, by: string | undefined): string => {
    if ((by ?? name) === REGISTER || name === REGISTER) return t("history.register");
    return name || by || t("history.system");
  };
}
