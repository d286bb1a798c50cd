// The kit's messages for pages that have no other need of the kit: brought when there is something to say.
export { ElMessage } from "element-plus";
