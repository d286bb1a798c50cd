import { computed } from "vue";
import { useI18n } from "vue-i18n";
import { count, money, moneyIn, more, shareOf } from "./numbers";
import type { City, Numbers } from "./programme";

/** What the six figures are read from: the city, or a county. */
export type Six = Pick<City, "figures" | "figures_since" | "since" | "trend">;

/** The six figures that the city publishes, and of which one each is a part. */
const SIX = [
  { key: "compounds" },
  { key: "built", of: "compounds" },
  { key: "networked", of: "compounds" },
  { key: "channels_networked" },
  { key: "paired" },
  { key: "received_fen", of: "pledged_fen" },
] as const satisfies readonly { key: keyof Numbers & keyof City["trend"][number]; of?: keyof Numbers }[];

/** A change of money, without the unit that stands beside the sum already. */
function inUnit(fen: number, unit: string, brief: boolean): string {
  const written = moneyIn(fen, brief);
  return written.unit === unit ? written.n : money(fen, brief);
}

/** The six figures in words: the number, what came since, its part of a whole, its way. Brief rounds the money. */
export function useSix(city: () => Six, brief = false) {
  const { t } = useI18n();
  return computed(() => {
    const { figures, figures_since, since, trend } = city();
    return SIX.map((six) => {
      const [now, was] = [figures[six.key], figures_since[six.key]];
      const isMoney = six.key === "received_fen";
      const written = isMoney ? moneyIn(now, brief) : { n: count(now), unit: "" };
      const change = isMoney ? `${now > was ? "+" : ""}${inUnit(now - was, written.unit, brief)}` : more(now - was);
      return {
        key: six.key,
        name: t(`programme.six.${six.key}.name`),
        n: written.n,
        isMoney,
        change: t(brief ? "screen.since" : "programme.since-day", {
          day: since.slice(5),
          change: now === was ? t("programme.same") : change,
        }),
        share: "of" in six && !isMoney ? shareOf(now, figures[six.of]) : "",
        unit: isMoney ? written.unit : t(`programme.six.${six.key}.unit`),
        part: "of" in six ? t(`programme.six.${six.key}.part`, { share: shareOf(now, figures[six.of]) }) : "",
        values: trend.map((d) => d[six.key]),
      };
    });
  });
}
