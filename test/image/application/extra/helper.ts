export default function help(text: string): string {
  return `<${text}>`;
}
