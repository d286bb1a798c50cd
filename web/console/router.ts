import { createRouter, createWebHistory, type RouteRecordRaw } from "vue-router";
import { useSession } from "./session/session";
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
    /** The permission without which the page has nothing to show. */
    needs?: string;
  }
}

const routes: RouteRecordRaw[] = [
  { path: "/", redirect: "/wall" },
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
    meta: { title: "camera.add", needs: "camera.write" },
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
    meta: { title: "camera.edit", needs: "camera.write" },
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
    meta: { title: "programme.menu.city", needs: "programme.read" },
  },
  {
    path: "/city/:county",
    component: () => import("./programme/CountyPage.vue"),
    props: true,
    meta: { title: "programme.county", needs: "programme.read" },
  },
  {
    path: "/bulletin",
    component: () => import("./bulletin/BulletinPage.vue"),
    meta: { title: "bulletin.title", needs: "programme.read" },
  },
  {
    path: "/screen",
    component: () => import("./screen/ScreenPage.vue"),
    meta: { title: "screen.title", needs: "programme.read", dark: true, bare: true },
  },
  {
    path: "/compounds/:id",
    component: () => import("./place/CompoundPage.vue"),
    props: true,
    meta: { title: "programme.compound", needs: "programme.read" },
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
    meta: { title: "pairing.one", needs: "pairing.read" },
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
    meta: { title: "return.title", needs: "programme.read" },
  },
  {
    path: "/campaigns",
    component: () => import("./campaign/CampaignPage.vue"),
    meta: { title: "campaign.title", needs: "campaign.read" },
  },
  {
    path: "/campaigns/activities/new",
    component: () => import("./campaign/ActivityFormPage.vue"),
    meta: { title: "campaign.add", needs: "campaign.write" },
  },
  {
    path: "/campaigns/activities/:id",
    component: () => import("./campaign/ActivityPage.vue"),
    props: true,
    meta: { title: "campaign.activity", needs: "campaign.read" },
  },
  {
    path: "/campaigns/activities/:id/edit",
    component: () => import("./campaign/ActivityFormPage.vue"),
    props: true,
    meta: { title: "campaign.edit", needs: "campaign.write" },
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
    meta: { title: "campaign.notice", needs: "campaign.read" },
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

router.beforeEach(async (to) => {
  const session = useSession();
  await session.ready();
  if (to.meta.open) return true;
  if (!session.signedIn) return { path: "/signin", query: to.path === "/wall" ? {} : { next: to.fullPath } };
  if (session.mustChange && to.path !== "/password") return { path: "/password", query: { next: to.fullPath } };
  // Whoever looks through no camera works in the programme, or has not been appointed yet.
  if (to.path === "/wall" && !session.may("look.begin"))
    return session.isUnit ? "/help" : session.may("programme.read") ? "/city" : "/system";
  return true;
});

router.afterEach((to) => {
  document.documentElement.classList.toggle("dark", Boolean(to.meta.dark));
  document.title = `${words.global.t(to.meta.title)} · ${words.global.t("shell.name")}`;
});
