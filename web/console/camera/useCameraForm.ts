import { computed, reactive, ref, watch } from "vue";
import { api, ask } from "../api/client";
import { useAction } from "../shell/useAction";
import { useLoad } from "../shell/useLoad";
import type { CameraEntry } from "./cameras";
import { bodyOfChange, bodyOfNew, type CameraForm, emptyForm, formOf, longestDays, saysOutside } from "./form";

/** The form's state: the camera as it was, what has been typed, what the server said. */
export function useCameraForm(id: string | undefined, language: () => string) {
  const form = reactive<CameraForm>(emptyForm());
  const before = ref<CameraForm>(emptyForm());
  const entry = ref<CameraEntry | null>(null);
  const cleared = reactive(new Set<string>());
  const written = () => JSON.stringify([{ ...form, looks_at_outside: false }, [...cleared]]);
  /** What stood there when nothing had been typed yet, or when it was saved. */
  let clean = written();
  const dirty = () => written() !== clean;
  /** Bits per second that the source test has seen. */
  const rates = reactive({ main: 0, sub: 0 });
  const warnings = ref<{ code: string; detail: string }[]>([]);

  const choices = useLoad(() => ask(api.GET("/api/camera-choices", {})), { when: language });
  // Until the first edit of a new camera the days are the server's proposal.
  watch(choices.data, (now) => {
    const standard = emptyForm().retention_main_days;
    const untouched = !dirty();
    if (id || !now || form.retention_main_days !== standard || form.retention_sub_days !== standard) return;
    form.retention_main_days = now.retention_days;
    form.retention_sub_days = now.retention_days;
    if (untouched) clean = written();
  });
  const devices = useLoad(() => ask(api.GET("/api/devices", {})));
  const loaded = useLoad(async () => {
    if (!id) return null;
    const camera = await ask<CameraEntry>(api.GET("/api/cameras/{id}", { params: { path: { id } } }));
    entry.value = camera;
    before.value = formOf(camera);
    Object.assign(form, formOf(camera));
    cleared.clear();
    clean = written();
    return camera;
  });

  watch(
    () => [form.name, form.area, form.angle, form.range],
    () => {
      form.looks_at_outside = saysOutside(before.value, form);
    },
  );

  const save = useAction(async () => {
    const sent = written();
    const saved = id
      ? await ask<CameraEntry>(
          api.PATCH("/api/cameras/{id}", {
            params: { path: { id } },
            body: { ...bodyOfChange(before.value, form, cleared), version: entry.value?.version },
          }),
        )
      : await ask<CameraEntry>(api.POST("/api/cameras", { body: bodyOfNew(form) as never }));
    entry.value = saved;
    before.value = formOf(saved);
    warnings.value = saved.warnings ?? [];
    clean = sent; // what was typed meanwhile is not saved
    return saved;
  });

  const change = useAction((body: Record<string, unknown>) =>
    ask<CameraEntry>(
      api.PATCH("/api/cameras/{id}", {
        params: { path: { id: id! } },
        body: { ...body, version: entry.value?.version },
      }),
    ).then((saved) => {
      entry.value = saved;
      return saved;
    }),
  );
  const remove = useAction(() =>
    ask(api.DELETE("/api/cameras/{id}", { params: { path: { id: id! } } })).then(() => {
      clean = written(); // it went with the camera
      return true;
    }),
  );

  /** What the server said about one field. */
  const says = (path: string) => save.problem.value?.field(path) ?? "";
  /** Words that may mean a forbidden place: a person has to say that only its outside is seen. */
  const asksOutside = computed(() => save.problem.value?.code.endsWith("confirm-outside") || form.looks_at_outside);
  const basis = computed(() => choices.data.value?.bases.find((b) => b.key === form.basis));
  /** The days that the basis asks for and no stream is kept for; undefined: they are fulfilled, or it asks for none. */
  const short = computed(() => {
    const least = basis.value?.least_days ?? 0;
    const longest = longestDays(form, Boolean(entry.value?.has_sub) && !cleared.has("sub"));
    return longest < least ? { least, longest } : undefined;
  });

  return {
    form,
    entry,
    cleared,
    warnings,
    choices,
    devices,
    loaded,
    dirty,
    save,
    change,
    remove,
    says,
    asksOutside,
    basis,
    short,
    rates,
  };
}
