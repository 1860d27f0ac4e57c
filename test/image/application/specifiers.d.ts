/** Specifiers that the manifest maps to files of another name or place. */
declare module "where" {
  export const where: string;
}
declare module "helper" {
  export default function help(text: string): string;
}
