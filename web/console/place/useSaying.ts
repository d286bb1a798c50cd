import { useI18n } from "vue-i18n";
import { called } from "../programme/called";
import { count, money, more } from "../programme/numbers";
import type { Line } from "./history";

/** A saying in words. */
export function useSaying() {
  const { t, locale } = useI18n();
  return (l: Line): string => {
    const yes = l.value > 0 ? "yes" : "no";
    switch (l.kind) {
      case "county":
        return l.text ? t("place.says.county", { county: called(l.text, locale.value) }) : t("place.says.no-county");
      case "class":
        return t("place.says.class", { class: t(`place.class.${l.text || "other"}`) });
      case "inspected":
        return t("place.says.inspected", { result: t(`place.inspected.${l.text || "none"}`) });
      case "takes-part":
      case "claims-built":
      case "claims-networked":
      case "released":
        return t(`place.says.${l.kind}-${yes}`);
      case "plan":
        return t("place.says.plan", { n: count(l.value) }, l.value);
      case "channels-installed":
      case "channels-networked":
      case "channels-installed-seen":
      case "channels-networked-seen":
      case "protection-physical":
      case "protection-technical":
      case "access-buildings":
      case "door-buildings":
      case "light-buildings":
      case "camera-buildings":
      case "intercom-buildings":
      case "alarm-buildings":
      case "pairings":
      case "tasks-set":
      case "tasks-end":
        return t(`place.says.${l.kind}`, { n: more(l.value) });
      case "pledged":
      case "received":
        return t(`place.says.${l.kind}`, { n: `${l.value > 0 ? "+" : ""}${money(l.value)}` });
      case "extended":
        return l.until ? t("place.says.extended", { day: l.until }) : t("place.says.extended-back");
      case "seen":
        return t(`place.says.${l.kind}`, { day: l.until ?? "" });
      default:
        return t(`place.says.${l.kind}`, { name: l.text ?? "" });
    }
  };
}
