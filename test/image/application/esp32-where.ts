export const where = "esp32";
