export const name = "sample";
