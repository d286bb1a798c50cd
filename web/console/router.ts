import { createRouter, createWebHistory, type RouteLocationNormalized, type RouteRecordRaw } from "vue-router";
import { beginCity } from "./programme/useCity";
import { useSession } from "./session/session";
import { missing } from "./shell/away";
import { words } from "./words";

declare module "vue-router" {
  interface RouteMeta {
    /** Key of the page's name. */
    title: string;
    /** Pictures stand on dark, papers on light. */
    dark?: boolean;
    /** Whoever comes may read it. */
    open?: boolean;
    /** Without the head bar. */
    bare?: boolean;
    /** Each record is a page of its own: nothing of one stays for the next. */
    record?: boolean;
    /** The permission without which the page has nothing to show. */
    needs?: string;
    /** Asks for what the page shows first, while its code is on its way. */
    early?: (to: RouteLocationNormalized) => void;
  }
}

const city = (to: RouteLocationNormalized) =>
  beginCity(typeof to.query.at === "string" && to.query.at ? { at: to.query.at } : {});

const routes: RouteRecordRaw[] = [
  { path: "/", component: () => import("./shell/NowherePage.vue"), meta: { title: "shell.name" } },
  {
    path: "/signin",
    component: () => import("./session/SignInPage.vue"),
    meta: { title: "signin.title", open: true, bare: true },
  },
  { path: "/password", component: () => import("./session/PasswordPage.vue"), meta: { title: "password.title" } },
  { path: "/wall", component: () => import("./wall/WallPage.vue"), meta: { title: "wall.title", dark: true } },
  {
    path: "/kiosk",
    component: () => import("./wall/KioskPage.vue"),
    meta: { title: "wall.title", dark: true, bare: true },
  },
  { path: "/cameras", component: () => import("./camera/CameraListPage.vue"), meta: { title: "camera.title" } },
  {
    path: "/cameras/new",
    component: () => import("./camera/CameraFormPage.vue"),
    meta: { title: "camera.add", needs: "camera.write", record: true },
  },
  {
    path: "/cameras/import",
    component: () => import("./camera/ImportPage.vue"),
    meta: { title: "import.title", needs: "camera.write" },
  },
  {
    path: "/cameras/devices",
    component: () => import("./camera/DeviceListPage.vue"),
    meta: { title: "device.title", needs: "camera.write" },
  },
  {
    path: "/cameras/:id",
    component: () => import("./camera/CameraPage.vue"),
    props: true,
    meta: { title: "camera.one", dark: true },
  },
  {
    path: "/cameras/:id/edit",
    component: () => import("./camera/CameraFormPage.vue"),
    props: true,
    meta: { title: "camera.edit", needs: "camera.write", record: true },
  },
  {
    path: "/playback",
    component: () => import("./playback/PlaybackPage.vue"),
    meta: { title: "playback.title", dark: true },
  },
  { path: "/change", component: () => import("./change/ChangePage.vue"), meta: { title: "change.title", dark: true } },
  {
    path: "/city",
    component: () => import("./programme/CityPage.vue"),
    meta: { title: "programme.menu.city", needs: "programme.read", early: city },
  },
  {
    path: "/city/:county",
    component: () => import("./programme/CountyPage.vue"),
    props: true,
    meta: { title: "programme.county", needs: "programme.read" },
  },
  {
    path: "/area/:id?",
    component: () => import("./programme/AreaPage.vue"),
    props: true,
    meta: { title: "mine.title", needs: "programme.read" },
  },
  { path: "/inbox", component: () => import("./inbox/InboxPage.vue"), meta: { title: "inbox.title" } },
  {
    path: "/programme",
    component: () => import("./setup/SetupPage.vue"),
    meta: { title: "setup.title", needs: "programme.write" },
  },
  {
    path: "/programme/milestones/:id",
    component: () => import("./setup/MilestonePage.vue"),
    props: true,
    meta: { title: "milestone.one", needs: "programme.read" },
  },
  {
    path: "/bulletin",
    component: () => import("./bulletin/BulletinPage.vue"),
    meta: { title: "bulletin.title", needs: "programme.read" },
  },
  {
    path: "/rows",
    component: () => import("./bulletin/RowsPage.vue"),
    meta: { title: "programme.compounds", needs: "programme.read" },
  },
  {
    path: "/bulletins",
    component: () => import("./bulletin/IssuedListPage.vue"),
    meta: { title: "bulletin.issued", needs: "bulletin.read" },
  },
  {
    path: "/bulletins/office",
    component: () => import("./bulletin/OfficePage.vue"),
    meta: { title: "bulletin.look", needs: "bulletin.draft" },
  },
  {
    path: "/bulletins/:id",
    component: () => import("./bulletin/IssuedPage.vue"),
    props: true,
    meta: { title: "bulletin.issued", needs: "bulletin.read", record: true },
  },
  {
    path: "/indicators",
    component: () => import("./indicator/IndicatorPage.vue"),
    meta: { title: "indicator.title", needs: "indicator.read" },
  },
  {
    path: "/screen",
    component: () => import("./screen/ScreenPage.vue"),
    meta: { title: "screen.title", needs: "programme.read", dark: true, bare: true, early: city },
  },
  {
    path: "/compounds/:id",
    component: () => import("./place/CompoundPage.vue"),
    props: true,
    meta: { title: "programme.compound", needs: "programme.read" },
  },
  {
    path: "/places/:id?",
    component: () => import("./place/PlacesPage.vue"),
    props: true,
    meta: { title: "places.title", needs: "place.read" },
  },
  {
    path: "/help",
    component: () => import("./pairing/PairingListPage.vue"),
    meta: { title: "pairing.title", needs: "pairing.read" },
  },
  {
    path: "/help/:id",
    component: () => import("./pairing/PairingPage.vue"),
    props: true,
    meta: { title: "pairing.one", needs: "pairing.read", record: true },
  },
  {
    path: "/help/:id/sheet",
    component: () => import("./pairing/PairingSheetPage.vue"),
    props: true,
    meta: { title: "pairing.sheet", needs: "pairing.read" },
  },
  {
    path: "/disclosure",
    component: () => import("./pairing/DisclosurePage.vue"),
    meta: { title: "pairing.public-title", open: true },
  },
  {
    path: "/lists",
    component: () => import("./sheet/SheetPage.vue"),
    meta: { title: "sheet.title", needs: "place.read" },
  },
  {
    path: "/system/:part?",
    component: () => import("./system/SystemPage.vue"),
    props: true,
    meta: { title: "system.title" },
  },
  {
    path: "/tasks/:part?",
    component: () => import("./task/TaskPage.vue"),
    props: true,
    meta: { title: "task.title", needs: "supervision.read" },
  },
  {
    path: "/returns",
    component: () => import("./return/ReturnTablePage.vue"),
    meta: { title: "return.title", needs: "programme.read" },
  },
  {
    path: "/returns/:county/:month",
    component: () => import("./return/ReturnPage.vue"),
    props: true,
    meta: { title: "return.title", needs: "programme.read", record: true },
  },
  {
    path: "/campaigns",
    component: () => import("./campaign/CampaignPage.vue"),
    meta: { title: "campaign.title", needs: "campaign.read" },
  },
  {
    path: "/campaigns/activities/new",
    component: () => import("./campaign/ActivityFormPage.vue"),
    meta: { title: "campaign.add", needs: "campaign.write", record: true },
  },
  {
    path: "/campaigns/activities/:id",
    component: () => import("./campaign/ActivityPage.vue"),
    props: true,
    meta: { title: "campaign.activity", needs: "campaign.read", record: true },
  },
  {
    path: "/campaigns/activities/:id/edit",
    component: () => import("./campaign/ActivityFormPage.vue"),
    props: true,
    meta: { title: "campaign.edit", needs: "campaign.write", record: true },
  },
  {
    path: "/campaigns/notices",
    component: () => import("./campaign/NoticesPage.vue"),
    meta: { title: "campaign.notices", needs: "campaign.read" },
  },
  {
    path: "/campaigns/notices/:id",
    component: () => import("./campaign/NoticePage.vue"),
    props: true,
    meta: { title: "campaign.notice", needs: "campaign.read", record: true },
  },
  {
    path: "/inspections",
    component: () => import("./inspection/InspectionsPage.vue"),
    meta: { title: "inspection.title", needs: "inspection.read" },
  },
  { path: "/inspections/forms", redirect: "/forms" },
  {
    path: "/inspections/:id",
    component: () => import("./inspection/InspectionPage.vue"),
    props: true,
    meta: { title: "inspection.one", needs: "inspection.read", record: true },
  },
  // What is published anybody may read; so a form's page asks for no account.
  {
    path: "/forms",
    component: () => import("./inspection/FormsPage.vue"),
    meta: { title: "inspection.forms", open: true },
  },
  {
    path: "/form-editor/:form?",
    component: () => import("./inspection/FormEditorPage.vue"),
    props: true,
    meta: { title: "form-editor.title", needs: "inspection.write", record: true },
  },
  {
    path: "/forms/:form/:number",
    component: () => import("./inspection/FormPage.vue"),
    props: true,
    meta: { title: "inspection.form", open: true, record: true },
  },
  // Open, as it has to open where no server can say who is here; the server's own answers ask for a session as ever.
  {
    path: "/field/:id",
    component: () => import("./field/FieldPage.vue"),
    props: true,
    meta: { title: "inspection.one", open: true, bare: true },
  },
  // Notices are posted at the gate: anybody reads them, with the code that is printed under them.
  {
    path: "/notices/:place?",
    component: () => import("./campaign/PublicNoticesPage.vue"),
    props: true,
    meta: { title: "campaign.public-title", open: true },
  },
  { path: "/about", component: () => import("./about/AboutPage.vue"), meta: { title: "about.title", open: true } },
  {
    path: "/:rest(.*)*",
    component: () => import("./shell/NowherePage.vue"),
    meta: { title: "shell.nowhere", open: true },
  },
];

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

/** Where one begins: a guard at the wall; whoever keeps the machine at the cameras' list, where nothing has to be asked first; an office at its own page. */
function home(session: ReturnType<typeof useSession>): string {
  if (session.isGuard) return "/wall";
  if (session.may("camera.write")) return "/cameras";
  if (session.may("programme.read")) return session.own.to;
  return session.may("look.begin") ? "/wall" : "/system";
}

/** The page's code need not wait until the server has said who we are. */
function fetchCode(to: RouteLocationNormalized): void {
  for (const { components } of to.matched) {
    const code = components?.default;
    if (typeof code === "function") Promise.resolve((code as () => unknown)()).catch(() => {}); // the router tells
  }
}

router.beforeEach(async (to, from) => {
  const session = useSession();
  fetchCode(to);
  await session.ready();
  if (to.meta.open) return true;
  // Nobody can say who is here: the page says that, and asks again, instead of asking for a password in vain.
  if (!session.signedIn && session.problem?.unreachable) return true;
  if (!session.signedIn) return { path: "/signin", query: to.path === "/" ? {} : { next: to.fullPath } };
  if (session.mustChange && to.path !== "/password") return { path: "/password", query: { next: to.fullPath } };
  if (to.path === "/") return home(session);
  // Whoever looks through no camera works in the programme, or has not been appointed yet.
  if (to.path === "/wall" && !session.may("look.begin")) return home(session);
  if (to.path !== from.path && (!to.meta.needs || session.may(to.meta.needs))) to.meta.early?.(to);
  return true;
});

router.onError((_error, to) => {
  missing.value = to.fullPath;
});

router.afterEach((to) => {
  missing.value = "";
  document.documentElement.classList.toggle("dark", Boolean(to.meta.dark));
  document.title = `${words.global.t(to.meta.title)} · ${words.global.t("shell.name")}`;
});
