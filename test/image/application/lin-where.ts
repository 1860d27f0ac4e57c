export const where = "lin";
