// Somebody types a device's code in their browser and allows it: node allow-device.mjs CODE
import { Browser } from './browser.mjs'

const browser = new Browser(process.env.ISSUER)
await browser.signIn(process.env.USER_NAME, process.env.PASSWORD)
await browser.allowDevice(process.argv[2])
