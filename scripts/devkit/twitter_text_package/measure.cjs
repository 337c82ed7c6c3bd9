// Weighted lengths of the texts in a JSON list on standard input, as X's own library
// counts them. Must never be given more than one list: it answers once and ends.
const { parseTweet } = require("twitter-text");

let input = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (piece) => (input += piece));
process.stdin.on("end", () => {
    const lengths = JSON.parse(input).map((text) => parseTweet(text).weightedLength);
    process.stdout.write(JSON.stringify(lengths));
});
