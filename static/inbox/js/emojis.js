// Which emojis are there, and by which words are they found? [sign, name in English, in Spanish, more words]

const ROWS = `
😀|grinning|sonriente|smile happy ; 😃|smiling|sonrisa|happy joy
😄|laughing eyes|risa|smile happy ; 😁|beaming|radiante|grin
😅|relieved laugh|alivio|sweat phew ; 😂|tears of joy|lágrimas de risa|lol laugh
🙂|slight smile|sonrisa leve|ok ; 🙃|upside down|al revés|irony
😉|wink|guiño|joke ; 😊|warm smile|sonrisa cálida|blush thanks
😇|halo|ángel|innocent ; 🥰|loving|cariño|hearts
😍|heart eyes|ojos de corazón|love wow ; 😘|kiss|beso|love
😎|cool|genial|sunglasses ; 🤓|nerd|empollón|glasses
🤩|star eyes|fascinado|wow ; 🥳|party face|fiesta|celebrate
🤔|thinking|pensando|hmm question ; 🤨|doubtful|duda|eyebrow
😐|neutral|neutral|meh ; 😶|speechless|sin palabras|silent
🙄|rolling eyes|ojos en blanco|really ; 😬|awkward|incómodo|grimace
😌|relieved|aliviado|calm ; 😴|sleeping|dormido|tired
😷|mask|mascarilla|ill ; 🤒|ill|enfermo|fever sick
🥵|hot|calor|heat ; 🥶|cold|frío|freezing
😕|confused|confundido|unsure ; 😟|worried|preocupado|concern
🙁|slight frown|triste|sad ; 😮|surprised|sorprendido|wow oh
😳|flushed|sonrojado|embarrassed ; 🥺|pleading|súplica|please
😢|crying|llorando|sad tear ; 😭|sobbing|llanto|cry
😞|disappointed|decepcionado|sad ; 😩|weary|cansado|tired
😤|huffing|resoplando|annoyed ; 😡|angry|enfadado|mad
🤯|mind blown|alucinado|wow ; 😱|shocked|susto|fear scream
🤗|hug|abrazo|care ; 🤝|handshake|apretón de manos|deal agree
👍|thumbs up|pulgar arriba|yes good ok ; 👎|thumbs down|pulgar abajo|no bad
👌|ok hand|perfecto|fine ; ✌️|victory|victoria|peace
🤞|fingers crossed|suerte|hope luck ; 👏|clapping|aplauso|bravo
🙌|raised hands|manos arriba|hooray ; 🙏|thank you|gracias|please pray
💪|strong|fuerza|muscle ; 👋|wave|saludo|hello bye
✋|raised hand|alto|stop wait ; 👉|point right|señala a la derecha|here
👈|point left|señala a la izquierda| ; 👇|point down|señala abajo|below
☝️|point up|señala arriba|one ; 🤙|call me|llámame|phone
✍️|writing|escribiendo|note ; 👀|eyes|ojos|look see
❤️|red heart|corazón|love ; 🧡|orange heart|corazón naranja|
💛|yellow heart|corazón amarillo| ; 💚|green heart|corazón verde|
💙|blue heart|corazón azul| ; 💜|purple heart|corazón morado|
🖤|black heart|corazón negro| ; 💔|broken heart|corazón roto|sad
✨|sparkles|brillos|new shine ; ⭐|star|estrella|favourite
🔥|fire|fuego|hot ; 🎉|party popper|celebración|congratulations
🎊|confetti|confeti|celebrate ; 🎁|gift|regalo|present
🎂|cake|tarta|birthday ; 🏆|trophy|trofeo|win
✅|done|hecho|check yes ; ☑️|checked|marcado|tick
❌|cross|cruz|no wrong ; ❓|question|pregunta|ask
❗|exclamation|exclamación|important ; ⚠️|warning|aviso|attention
ℹ️|information|información|info ; 🚫|forbidden|prohibido|no
💯|hundred|cien|perfect ; ➡️|arrow right|flecha derecha|next
⬅️|arrow left|flecha izquierda|back ; ⬆️|arrow up|flecha arriba|
⬇️|arrow down|flecha abajo| ; 🔄|refresh|actualizar|again retry
🔁|repeat|repetir|again ; ⏳|hourglass|reloj de arena|wait
⌛|time up|tiempo|wait ; ⏰|alarm clock|despertador|time
🕐|clock|reloj|time hour ; 📅|calendar|calendario|date
📆|day|día|date calendar ; 📌|pin|chincheta|important
📎|paperclip|clip|attach ; 📝|memo|nota|write
📄|document|documento|page file ; 📁|folder|carpeta|files
📊|chart|gráfico|statistics ; 📈|rising|en aumento|growth
📉|falling|en descenso| ; 📦|parcel|paquete|delivery order box
🚚|delivery van|reparto|shipping truck ; 🚢|ship|barco|shipping
✈️|plane|avión|travel flight ; 🚗|car|coche|drive
🚲|bicycle|bicicleta|bike ; 🏠|house|casa|home
🏢|office|oficina|building ; 🏪|shop|tienda|store
🛒|cart|carrito|shopping basket ; 🛍️|shopping bags|compras|buy
💳|card|tarjeta|payment credit ; 💶|euro|euro|money
💵|dollar|dólar|money cash ; 💰|money|dinero|price
🧾|receipt|recibo|invoice bill ; 🏷️|label|etiqueta|price tag
🔖|bookmark|marcador| ; 📞|telephone|teléfono|call
📱|mobile|móvil|phone ; 💻|laptop|portátil|computer
🖥️|computer|ordenador|screen ; 🖨️|printer|impresora|
📧|e-mail|correo|mail ; ✉️|envelope|sobre|letter
💬|speech|conversación|chat message ; 🗨️|comment|comentario|chat
🔔|bell|campana|notify ; 🔕|muted|silencio|bell off
🔍|search|buscar|find ; 🔗|link|enlace|url
🔑|key|llave|access ; 🔒|locked|cerrado|secure
🔓|unlocked|abierto| ; 🔧|wrench|llave inglesa|fix repair
🛠️|tools|herramientas|repair ; ⚙️|settings|ajustes|gear
🔋|battery|batería|power ; 🔌|plug|enchufe|power
📶|signal|señal|wifi ; 📷|camera|cámara|photo
🎥|video|vídeo|film ; 🎧|headphones|auriculares|audio
🪑|chair|silla|furniture seat ; 🛋️|sofa|sofá|couch furniture
🛏️|bed|cama| ; 💡|idea|idea|light bulb
☀️|sun|sol|weather ; 🌧️|rain|lluvia|weather
❄️|snow|nieve|cold ; 🌈|rainbow|arcoíris|
🌍|world|mundo|earth ; 🌱|plant|planta|green
🌸|blossom|flor|flower ; 🍀|clover|trébol|luck
☕|coffee|café|break ; 🍕|pizza|pizza|food
🍰|dessert|postre|cake ; 🍾|champagne|champán|celebrate
🥂|cheers|brindis|celebrate ; 🐶|dog|perro|pet
🐱|cat|gato|pet ; 🐢|slow|tortuga|turtle
🚀|rocket|cohete|launch fast ; 🏁|finish|meta|flag done
🎯|target|diana|goal ; 🧩|piece|pieza|puzzle
🆕|new|nuevo| ; 🆗|ok button|ok|okay
🔝|top|arriba| ; ♻️|recycle|reciclar|
♿|accessible|accesible|wheelchair
`;

export const EMOJIS = ROWS.split(/[;\n]/)
  .map((row) => row.trim().split("|"))
  .filter(([sign]) => sign)
  .map(([sign, english, spanish, more]) => ({ sign, name: document.documentElement.lang === "es" ? spanish : english, words: `${english} ${spanish} ${more}` }));
